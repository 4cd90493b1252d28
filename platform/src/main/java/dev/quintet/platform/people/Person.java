package dev.quintet.platform.people;

import java.util.UUID;

/**
 * Somebody who uses the product.
 *
 * @param issuer who vouches for them: {@link People#OWN}, {@link People#EXTERNAL} or a foreign
 *     issuer's address
 * @param subject their name there; unique within the organisation and issuer
 * @param version rises with each change
 */
public record Person(
        UUID id, UUID organisation, String issuer, String subject, int version, Profile profile) {}
