package dev.quintet.platform.people;

import dev.quintet.platform.sql.Tx;
import java.util.*;

public interface People {
    Map<UUID, Optional<String>> mailOf(Tx tx, Set<UUID> people);

    Set<UUID> known(Tx tx, UUID organisation, Set<UUID> people);
}
