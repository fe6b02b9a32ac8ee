package org.keepaliveagent.proxycore;

/**
 * What is kept here of a response whose client is slower than its upstream.
 *
 * @param on {@code proxy_buffering}: without it the upstream waits for the client
 * @param head {@code proxy_buffer_size}: how large the head of a response may be
 * @param memory all {@code proxy_buffers} together
 * @param file {@code proxy_max_temp_file_size}: how much more is kept in a file
 * @param files {@code proxy_temp_path}
 */
record ResponseBuffers(boolean on, int head, long memory, long file, TempFiles files) {}
