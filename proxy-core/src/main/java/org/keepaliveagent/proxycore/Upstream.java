package org.keepaliveagent.proxycore;

import java.util.List;

/**
 * A group of peers that answer the same requests, used in turn.
 *
 * @param name the name of the {@code upstream} block, or host and port as in {@code proxy_pass}
 */
record Upstream(String name, List<Peer> peers) {}
