/**
 * PostgreSQL: its process or its address, transactions, idempotent requests, leases, nodes and
 * migrations. One {@code Database} per server; systems get shares of it.
 */
@NullMarked
package dev.quintet.platform.sql;

import org.jspecify.annotations.NullMarked;
