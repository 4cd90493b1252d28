package dev.quintet.files.s3;

import java.nio.charset.StandardCharsets;

/** Writes the small XML documents that S3 answers with. */
final class Xml {

    static final String TYPE = "application/xml";

    private final StringBuilder out =
            new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");

    Xml open(String name) {
        out.append('<').append(name).append('>');
        return this;
    }

    /** The root of an answer, in S3's namespace. */
    Xml openAnswer(String name) {
        out.append('<').append(name).append(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        return this;
    }

    Xml close(String name) {
        out.append("</").append(name).append('>');
        return this;
    }

    Xml element(String name, Object text) {
        open(name);
        String.valueOf(text).codePoints().forEach(this::escaped);
        return close(name);
    }

    byte[] bytes() {
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void escaped(int c) {
        switch (c) {
            case '&' -> out.append("&amp;");
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '"' -> out.append("&quot;");
            default -> {
                // XML 1.0 section 2.2: no parser takes the others, not even written as a number.
                if (c == '\t' || c == '\n' || c == '\r') {
                    out.append("&#").append(c).append(';');
                } else {
                    out.appendCodePoint(c < 0x20 || c == 0xfffe || c == 0xffff ? 0xfffd : c);
                }
            }
        }
    }
}
