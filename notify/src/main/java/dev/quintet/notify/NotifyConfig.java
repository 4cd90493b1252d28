package dev.quintet.notify;

import dev.quintet.platform.config.Secret;
import dev.quintet.platform.config.Setting;
import java.util.Optional;

/** Settings of notify. */
public record NotifyConfig(
        Smtp smtp,
        @Setting(
                        value =
                                "At most so many accepted notifications of one priority wait; above that, new ones are refused with 503.",
                        byDefault = "1000000",
                        min = "1000",
                        max = "100000000")
                long maxWaiting,
        @Setting(
                        value = "At most so many webhook endpoints per organisation.",
                        byDefault = "100",
                        min = "1",
                        max = "10000")
                int maxWebhookEndpoints) {

    /** Where mail goes. */
    public record Smtp(
            @Setting(
                            "Mail server: smtp://, smtp+starttls:// or smtps://, with user:password@ when it asks for them; unset, mail is skipped.")
                    Optional<Secret> url,
            @Setting(
                            value = "Sender of all mail.",
                            byDefault = "Quintet <no-reply@localhost.localdomain>")
                    String from) {}
}
