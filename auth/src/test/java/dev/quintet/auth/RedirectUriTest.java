package dev.quintet.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RedirectUriTest {

    private static final String OWN = "http://10.0.0.5:8080";

    @Test
    void only_the_same_bytes_are_allowed() {
        RedirectUri registered = new RedirectUri("https://app.example.com/cb");
        assertThat(registered.allows("https://app.example.com/cb", false)).isTrue();
        for (String asked :
                List.of(
                        "https://app.example.com/cb/",
                        "https://app.example.com/CB",
                        "https://APP.example.com/cb",
                        "HTTPS://app.example.com/cb",
                        "https://app.example.com:443/cb",
                        "https://app.example.com:8443/cb",
                        "http://app.example.com/cb",
                        "https://app.example.com/cb?x=1",
                        "https://app.example.com/cb#x",
                        "https://app.example.com/x/../cb",
                        "https://app.example.com//cb",
                        "https://app.example.com/%63b",
                        "https://app.example.com/cb%00",
                        "https://app.example.com@evil.example/cb",
                        "https://evil.example@app.example.com/cb",
                        "https://a@b@app.example.com/cb",
                        "https://app.example.com.evil.example/cb",
                        "https://app.example.com\\@evil.example/cb",
                        "https://аpp.example.com/cb",
                        "https://localhost/cb",
                        "//app.example.com/cb",
                        "https:app.example.com/cb",
                        " https://app.example.com/cb",
                        "https://app.example.com/cb ",
                        "javascript:alert(1)//https://app.example.com/cb",
                        "https://*.example.com/cb",
                        "")) {
            assertThat(registered.allows(asked, false)).as(asked).isFalse();
            assertThat(registered.allows(asked, true)).as(asked).isFalse();
        }
    }

    @Test
    void a_native_clients_loopback_address_may_come_with_any_port() {
        RedirectUri registered = new RedirectUri("http://127.0.0.1/cb");
        assertThat(registered.allows("http://127.0.0.1:51234/cb", true)).isTrue();
        assertThat(new RedirectUri("http://[::1]/cb").allows("http://[::1]:51234/cb", true))
                .isTrue();
        assertThat(registered.allows("http://127.0.0.1:51234/cb", false))
                .as("a confidential client")
                .isFalse();
        for (String asked :
                List.of(
                        "http://127.0.0.1:51234/other",
                        "http://127.0.0.1:/cb",
                        "http://127.0.0.1:0/cb",
                        "http://127.0.0.1:123456/cb",
                        "http://127.0.0.1:80@evil.example/cb",
                        "http://127.0.0.1:80.evil.example/cb",
                        "http://127.0.0.1.evil.example/cb",
                        "http://127.0.0.1:80\\@evil.example/cb",
                        "http://127.0.0.2:80/cb",
                        "http://localhost:80/cb",
                        "https://127.0.0.1:80/cb")) {
            assertThat(registered.allows(asked, true)).as(asked).isFalse();
        }
        assertThat(
                        new RedirectUri("http://127.0.0.1:5173/cb")
                                .allows("http://127.0.0.1:5174/cb", true))
                .as("a registered port is a port")
                .isFalse();
        assertThat(new RedirectUri("http://localhost/cb").allows("http://localhost:5174/cb", true))
                .as("localhost is a name, which someone resolves")
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example.com/cb",
                "https://app.example.com/cb?tenant=1",
                "http://127.0.0.1/cb",
                "http://[::1]:3000/cb",
                "http://localhost:3000/cb",
                "http://10.0.0.5:8080/console",
                "com.example.app:/cb"
            })
    void these_can_be_registered(String uri) {
        assertThat(RedirectUri.register(uri, true, OWN).value()).isEqualTo(uri);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/cb",
                "app.example.com/cb",
                "https:///cb",
                "https://app.example.com/cb#here",
                "https://*.example.com/cb",
                "https://app.example.com/*",
                "https://user@app.example.com/cb",
                "https://app.example.com/@cb",
                "http://app.example.com/cb",
                "http://10.0.0.5:8081/console",
                "javascript:alert(1)",
                "data:text/html,x",
                "file:///etc/passwd",
                "myapp:/cb",
                "https://app.example.com/a b",
                "https://app.example.com\\@evil.example/"
            })
    void these_cannot(String uri) {
        assertThatThrownBy(() -> RedirectUri.register(uri, true, OWN))
                .hasMessageContaining("refused");
    }

    @Test
    void a_scheme_of_its_own_is_for_public_clients() {
        assertThatThrownBy(() -> RedirectUri.register("com.example.app:/cb", false, OWN))
                .hasMessageContaining("scheme");
    }
}
