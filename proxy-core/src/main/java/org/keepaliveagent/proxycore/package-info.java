/**
 * The reference reverse proxy of the project: a realistic, naive JVM proxy.
 *
 * <p>Threads: each event loop is a {@link org.keepaliveagent.proxycore.Worker} with its own
 * upstream connections, like a worker process of nginx. Everything of one exchange (the client's
 * channel, the upstream's channel, the pool) lives on one event loop, so nothing here is locked.
 *
 * <p>Futures of writes and closes are ignored where nothing is to be done then: failures arrive as
 * {@code exceptionCaught} and {@code channelInactive}.
 */
@NullMarked
package org.keepaliveagent.proxycore;

import org.jspecify.annotations.NullMarked;
