package dev.quintet.analytics.lake;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import tools.jackson.databind.json.JsonMapper;

/**
 * Rewrites the data files of an organisation that hold a person: the person's own events go, and so
 * do the anonymous ones of the same devices; where others' events only mention the person, the id
 * is blotted out. Another organisation's rows are its own, whatever ids they hold. Copy on write,
 * so that no reader ever meets a delete file. Used by the loader's thread.
 */
public final class Eraser {

    private static final String BLOT = "erased";

    private final LakeWriter writer;

    public Eraser(LakeWriter writer) {
        this.writer = writer;
    }

    /**
     * @param person the id as events hold it
     */
    public void erase(UUID organisation, String person) {
        Set<String> anonymous = new LinkedHashSet<>();
        List<DataFile> events = files(LakeTable.EVENTS, organisation);
        if (!events.isEmpty()) {
            writer.run(
                            "select distinct anonymous_id from "
                                    + LakeTable.parquet(LakeFiles.paths(events))
                                    + " where anonymous_id is not null and user_id = "
                                    + Statements.quoted(person))
                    .forEach(row -> anonymous.add(row.getFirst().stringValue()));
        }
        rewrite(LakeTable.EVENTS, events, own(person, anonymous), person);
        List<DataFile> rejected = files(LakeTable.REJECTED, organisation);
        rewrite(LakeTable.REJECTED, rejected, mentioned(person, anonymous), person);
    }

    private List<DataFile> files(LakeTable table, UUID organisation) {
        return writer.lake().files(table, Lake.ofOrganisation(organisation));
    }

    private static String own(String person, Set<String> anonymous) {
        String own = "(user_id = %1$s or previous_id = %1$s)".formatted(Statements.quoted(person));
        return anonymous.isEmpty()
                ? own
                : "("
                        + own
                        + " or (user_id is null and anonymous_id in ("
                        + anonymous.stream()
                                .map(Statements::quoted)
                                .collect(Collectors.joining(", "))
                        + ")))";
    }

    /**
     * What was rejected is a text of which nobody knows the meaning: any mention of the person
     * counts, and of a device, whose id may be short, any JSON string that is the id.
     */
    private static String mentioned(String person, Set<String> anonymous) {
        Stream<String> devices = anonymous.stream().map(JsonMapper.shared()::writeValueAsString);
        return Stream.concat(Stream.of(person), devices)
                .map(id -> "contains(body, " + Statements.quoted(id) + ")")
                .collect(Collectors.joining(" or ", "(", ")"));
    }

    private void rewrite(LakeTable table, List<DataFile> files, String gone, String person) {
        Set<String> touched = touched(table, files, gone, person);
        List<DataFile> old = new ArrayList<>();
        List<StoredFile> fresh = new ArrayList<>();
        for (DataFile file : files) {
            String path = LakeFiles.path(file.location()).toString();
            if (touched.contains(path)) {
                old.add(file);
                fresh.addAll(without(table, file, path, gone, person));
            }
        }
        if (!old.isEmpty()) {
            writer.replace(table, old, fresh);
        }
    }

    /** The paths of those files that hold such a row. */
    private Set<String> touched(LakeTable table, List<DataFile> files, String gone, String person) {
        if (files.isEmpty()) {
            return Set.of();
        }
        String select =
                "select distinct filename from "
                        + LakeTable.parquet(LakeFiles.paths(files))
                        + " where coalesce("
                        + gone
                        + ", false) or "
                        + mentions(table, person);
        return writer.run(select).stream()
                .map(row -> row.getFirst().stringValue())
                .collect(Collectors.toSet());
    }

    private List<StoredFile> without(
            LakeTable table, DataFile file, String path, String gone, String person) {
        String select =
                table.rowsOf(
                                file.partition().get(0, String.class),
                                List.of(path),
                                column ->
                                        column.kind() == LakeTable.Kind.TEXT
                                                ? "replace(%1$s, %2$s, '%3$s') as %1$s"
                                                        .formatted(
                                                                column.name(),
                                                                Statements.quoted(person),
                                                                BLOT)
                                                : column.name())
                        + " where not coalesce("
                        + gone
                        + ", false)";
        return writer.rewrite(table, select, List.of(file), "rewrite-" + UUID.randomUUID());
    }

    private static String mentions(LakeTable table, String person) {
        return table.columns().stream()
                .filter(column -> column.kind() == LakeTable.Kind.TEXT)
                .map(column ->
                        "coalesce(contains(%s, %s), false)"
                                .formatted(column.name(), Statements.quoted(person)))
                .collect(Collectors.joining(" or "));
    }
}
