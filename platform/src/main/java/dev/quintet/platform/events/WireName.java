package dev.quintet.platform.events;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An event's name and version on the wire, as its {@link Wire} declares them. */
record WireName(String name, int version) {

    private static final Pattern FORM = Pattern.compile("([a-z]+\\.[a-z_]+)/([1-9][0-9]*)");

    static WireName of(Class<? extends Event> type) {
        Wire wire = type.getAnnotation(Wire.class);
        if (wire == null) {
            throw new IllegalStateException(type + " declares no @Wire name");
        }
        Matcher match = FORM.matcher(wire.value());
        if (!match.matches()) {
            throw new IllegalStateException(
                    "'" + wire.value() + "' of " + type + " is not of the form system.name/1");
        }
        return new WireName(match.group(1), Integer.parseInt(match.group(2)));
    }
}
