package dev.quintet.platform;

/** What people see of a text. */
public final class Texts {

    private Texts() {}

    /** Whether nobody would see anything of it: what needs a name or words needs others. */
    public static boolean showsNothing(String text) {
        return text.codePoints().allMatch(Texts::isUnseen);
    }

    /** Blanks of every kind, format characters, and letters and marks that show nothing alone. */
    private static boolean isUnseen(int c) {
        return switch (Character.getType(c)) {
            case Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.CONTROL,
                    Character.FORMAT ->
                    true;
            // Hangul fillers, the empty Braille pattern; what joins or varies another character.
            default ->
                    c == 0x115f
                            || c == 0x1160
                            || c == 0x3164
                            || c == 0xffa0
                            || c == 0x2800
                            || c == 0x34f
                            || c == 0x17b4
                            || c == 0x17b5
                            || (c >= 0x180b && c <= 0x180f)
                            || (c >= 0xfe00 && c <= 0xfe0f)
                            || (c >= 0xe0100 && c <= 0xe01ef);
        };
    }
}
