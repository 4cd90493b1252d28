package dev.quintet.files.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

/** That what S3 answers can be read, whatever a key holds. */
final class XmlTest {

    @Test
    void a_parser_reads_every_answer() throws Exception {
        StringBuilder name = new StringBuilder();
        for (int c = 0; c < 0x100; c++) {
            name.append((char) c);
        }
        name.append("\ufffe\uffff\u20ac").appendCodePoint(0x1f600);
        byte[] xml = new Xml().element("Key", name).bytes();
        String read =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new ByteArrayInputStream(xml))
                        .getDocumentElement()
                        .getTextContent();
        assertThat(read)
                .isEqualTo(
                        name.toString()
                                .replaceAll(
                                        "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff]",
                                        "\ufffd"));
    }
}
