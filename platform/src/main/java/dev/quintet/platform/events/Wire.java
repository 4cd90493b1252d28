package dev.quintet.platform.events;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The name and version under which an event travels and is stored, e.g. {@code
 * chat.messages_sent/1}. Once released a name keeps its meaning; a version only adds fields.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Wire {

    String value();
}
