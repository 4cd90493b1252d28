package dev.quintet.auth;

/**
 * What one password hash costs: memory, passes over it, lanes. The default is OWASP's baseline for
 * Argon2id (Password Storage Cheat Sheet).
 */
public record Argon2Cost(int kibibytes, int passes, int lanes) {

    public static final Argon2Cost OWASP = new Argon2Cost(19 * 1024, 2, 1);

    public Argon2Cost {
        // The upper ends keep a hostile or mistyped stored hash from eating the machine.
        if (kibibytes < 8 * lanes || kibibytes > 1024 * 1024) {
            throw new IllegalArgumentException("memory " + kibibytes + " KiB is out of bounds");
        }
        if (passes < 1 || passes > 20 || lanes < 1 || lanes > 4) {
            throw new IllegalArgumentException(
                    "passes " + passes + " or lanes " + lanes + " are out of bounds");
        }
    }
}
