/**
 * The only module that knows all five systems: {@code Main} has the commands, {@code Quintet}
 * builds every long-lived part, {@code Bridges} holds every reaction that crosses a border.
 */
@NullMarked
package dev.quintet.server;

import org.jspecify.annotations.NullMarked;
