package dev.quintet.bench.journey;

/** Ada and Bob, made over the API with the administrator's key. */
record Cast(Calls calls, String adminKey, Person ada, Person bob) {

    static final String PASSWORD = "correct horse battery staple";

    record Person(String id, String email, String token) {}

    static Cast of(Calls calls, String adminKey) {
        Tally setUp = new Tally("set-up");
        return new Cast(
                calls,
                adminKey,
                person(calls, setUp, adminKey, "ada"),
                person(calls, setUp, adminKey, "bob"));
    }

    private static Person person(Calls calls, Tally setUp, String adminKey, String name) {
        String email = name + "@quintet.test";
        String id =
                calls.json(
                                setUp,
                                adminKey,
                                "POST",
                                "/api/v1/users",
                                "{\"name\":\"%s\",\"email\":\"%s\",\"password\":\"%s\"}"
                                        .formatted(name, email, PASSWORD))
                        .get("id")
                        .asString();
        return new Person(id, email, token(calls, setUp, adminKey, id));
    }

    private static String token(Calls calls, Tally setUp, String adminKey, String id) {
        return calls.json(setUp, adminKey, "POST", "/api/v1/users/" + id + "/tokens", "{}")
                .get("access_token")
                .asString();
    }

    /** A fresh token: a journey may outlast the first. */
    String adasToken() {
        return token(calls, new Tally("set-up"), adminKey, ada.id());
    }

    String bobsToken() {
        return token(calls, new Tally("set-up"), adminKey, bob.id());
    }
}
