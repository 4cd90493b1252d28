package dev.quintet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * What can be judged of a page without taste: it fits a narrow window, has a light and a dark face,
 * and keeps WCAG 2.2 A and AA as far as axe can tell (contrast, names, order). Each look leaves a
 * picture in {@code target/screenshots} for the rest.
 */
final class Looks {

    private static final int WIDE = 1280;
    private static final int NARROW = 380;
    private static final int HIGH = 900;

    private static final String OVERFLOWING =
            """
            () => {
              const width = document.documentElement.clientWidth;
              const found = [];
              const look = (root) => root.querySelectorAll('*').forEach((e) => {
                if (e.getBoundingClientRect().right > width + 1) found.push(e.tagName.toLowerCase());
                if (e.shadowRoot) look(e.shadowRoot);
              });
              if (document.documentElement.scrollWidth > width) look(document);
              return document.documentElement.scrollWidth > width ? [`${document.documentElement.scrollWidth} > ${width}`, ...found] : [];
            }
            """;

    private static final String AXE_FINDINGS =
            """
            async () => {
              const { violations } = await axe.run(document, {
                resultTypes: ['violations'],
                runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
              });
              return violations.flatMap(({ id, nodes }) => nodes.map((n) => `${id}: ${n.target.join(' ')}: ${n.failureSummary}`));
            }
            """;

    private static final String UNSEEN_FOCUS =
            """
            () => {
              let e = document.activeElement;
              while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
              if (!e || e === document.body) return '';
              const style = getComputedStyle(e);
              const seen = style.outlineStyle === 'auto' || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
              return seen ? '' : e.outerHTML;
            }
            """;

    private Looks() {}

    /** A page in its two colours, wide and narrow. */
    static void judge(Page page, String name) {
        Set<Object> grounds = new HashSet<>();
        for (ColorScheme scheme : List.of(ColorScheme.DARK, ColorScheme.LIGHT)) {
            fits(page, name, scheme, NARROW);
            fits(page, name, scheme, WIDE);
            grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"));
            assertThat(inaccessible(page)).as(name + " in " + scheme).isEmpty();
        }
        assertThat(grounds).as("the ground of " + name).hasSize(2);
    }

    /** A page whose colours were judged, in another state: once narrow, once wide. */
    static void glance(Page page, String name) {
        fits(page, name, ColorScheme.DARK, NARROW);
        fits(page, name, ColorScheme.LIGHT, WIDE);
        assertThat(inaccessible(page)).as(name).isEmpty();
    }

    private static void fits(Page page, String name, ColorScheme scheme, int width) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
        page.setViewportSize(width, HIGH);
        String look = "%s-%s-%d".formatted(name, scheme, width).toLowerCase(Locale.ROOT);
        picture(page, look);
        assertThat(overflowing(page)).as("too wide: " + look).isEmpty();
    }

    private static void picture(Page page, String name) {
        page.screenshot(
                new Page.ScreenshotOptions()
                        .setFullPage(true)
                        .setPath(Path.of("target", "screenshots", name + ".png")));
    }

    /** What makes the page scroll sideways; empty when it does not. */
    static List<?> overflowing(Page page) {
        return (List<?>) page.evaluate(OVERFLOWING);
    }

    /** What axe refuses. */
    static List<?> inaccessible(Page page) {
        page.evaluate(Axe.SCRIPT);
        return (List<?>) page.evaluate(AXE_FINDINGS);
    }

    /** What has the focus and does not show it; empty when it shows, or nothing has it. */
    static String unseenFocus(Page page) {
        return (String) page.evaluate(UNSEEN_FOCUS);
    }

    private static final class Axe {

        static final String SCRIPT = read();

        private static String read() {
            try (InputStream in = Looks.class.getResourceAsStream("/axe.min.js")) {
                return new String(
                        Objects.requireNonNull(in, "axe.min.js").readAllBytes(),
                        StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
