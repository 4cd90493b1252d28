package dev.quintet.platform.people;

import dev.quintet.platform.Refusal;
import java.util.Locale;

/** What is said no to about people. */
public enum PeopleRefusal implements Refusal {
    NO_SUCH_PERSON(404, "there is no person %s"),
    INVALID_PROFILE(400, "the field '%s' is not valid: %s"),
    INVALID_EXTERNAL_ID(400, "an external id has 1 to 200 characters without control characters"),
    PERSON_CHANGED(412, "the person has changed since you read it; read it again");

    private final int status;
    private final String sentence;

    PeopleRefusal(int status, String sentence) {
        this.status = status;
        this.sentence = sentence;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String sentence() {
        return sentence;
    }

    @Override
    public String docs() {
        return "people#" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
