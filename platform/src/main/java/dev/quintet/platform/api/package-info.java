/** The routes of platform itself: keys, organisations, people, the audit trail, health, metrics. */
@NullMarked
package dev.quintet.platform.api;

import org.jspecify.annotations.NullMarked;
