package dev.quintet.platform;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TextsTest {

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\u200b", "\u3164\u2800", "\ufe0f", "\u00a0\n\t"})
    void blanks_and_invisible_characters_show_nothing(String text) {
        assertThat(Texts.showsNothing(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\u200ba", ".", "\ud83d\ude00", "\u05d0\u200f"})
    void what_has_one_visible_character_shows_something(String text) {
        assertThat(Texts.showsNothing(text)).isFalse();
    }
}
