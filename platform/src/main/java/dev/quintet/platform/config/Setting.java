package dev.quintet.platform.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What one record component means as a setting; all texts are written as in the YAML file. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {

    /** One sentence for whoever runs the server. */
    String value();

    /** The default; empty for an {@code Optional}, a list or a map. */
    String byDefault() default "";

    /** The least value allowed; empty means unbounded. */
    String min() default "";

    /** The greatest value allowed; empty means unbounded. */
    String max() default "";
}
