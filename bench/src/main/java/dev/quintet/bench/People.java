package dev.quintet.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Users of the server with tokens that outlast the run; they have no password, so nothing hashes.
 */
record People(List<Person> all) {

    record Person(String id, String token) {}

    static People make(QuintetProcess server, String name, int count) {
        List<Person> people = new ArrayList<>();
        try (Wire wire = new Wire(server.base())) {
            for (int at = 0; at < count; at++) {
                String user =
                        "{\"email\":\"%s-%d@quintet.test\",\"name\":\"%s %d\"}"
                                .formatted(name, at, name, at);
                String id = text(wire, server, "/api/v1/users", user, "id");
                String path = "/api/v1/users/" + id + "/tokens";
                people.add(new Person(id, text(wire, server, path, "{}", "access_token")));
            }
        }
        return new People(people);
    }

    /** A room of its maker and others. */
    static String room(Wire wire, Person maker, List<Person> others) {
        List<String> ids = others.stream().map(person -> '"' + person.id() + '"').toList();
        return wire.ask(
                        maker.token(),
                        "POST",
                        "/api/v1/chat/rooms",
                        "{\"kind\":\"group\",\"name\":\"bench\",\"members\":["
                                + String.join(",", ids)
                                + "]}")
                .require(201)
                .json()
                .get("id")
                .stringValue();
    }

    private static String text(
            Wire wire, QuintetProcess server, String path, String json, String field) {
        return wire.ask(server.adminKey(), "POST", path, json)
                .require(201)
                .json()
                .get(field)
                .stringValue();
    }
}
