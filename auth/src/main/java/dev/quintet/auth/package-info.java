/**
 * Sign-in: people, the applications that sign them in, and the tokens by which every other system
 * knows who asks. The front door is {@link dev.quintet.auth.Auth}.
 *
 * <p>Life of a login: 1. an application sends the browser to {@code /oauth2/authorize}; {@link
 * dev.quintet.auth.SignIn} finds client and redirect address, or shows the error here; 2. nobody is
 * signed in, so the checked request is sealed into a flow with its own cookie, and {@code /login}
 * is shown; 3. {@link dev.quintet.auth.Logins} counts the attempt, checks the password on {@link
 * dev.quintet.auth.PasswordHashes}' own pool, and opens a session with a new secret; 4. a foreign
 * application asks for consent; 5. a code goes back, bound to client, address and PKCE challenge;
 * 6. {@link dev.quintet.auth.Grants} takes the code once and opens a {@link
 * dev.quintet.auth.Family}; 7. each refresh advances the family's row by one conditional update; 8.
 * {@link dev.quintet.auth.Auth#authenticate} checks access tokens without the database, against
 * {@link dev.quintet.auth.Revocations} that every node polls.
 *
 * <p>Promises: a token is given only after what it rests on is committed; access tokens cost no
 * write; a revocation is seen by every node within a second; no secret is stored in a form that
 * could be given out again without the master key; nothing that is shown, logged or timed tells
 * whether an account exists.
 *
 * <p>Threads: requests run on their own virtual threads, hashes on platform threads named {@code
 * auth-hash}, and one virtual thread polls for revocations, rotates keys and sweeps.
 */
@NullMarked
package dev.quintet.auth;

import org.jspecify.annotations.NullMarked;
