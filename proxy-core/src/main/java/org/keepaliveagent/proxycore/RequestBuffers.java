package org.keepaliveagent.proxycore;

/**
 * What is kept here of a request's body.
 *
 * @param whole {@code proxy_request_buffering}: whether the upstream is asked when all of it is
 *     here
 * @param memory {@code client_body_buffer_size}
 * @param files {@code client_body_temp_path}
 */
record RequestBuffers(boolean whole, int memory, TempFiles files) {}
