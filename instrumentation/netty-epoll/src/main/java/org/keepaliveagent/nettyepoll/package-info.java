/** The adapter of Netty's sockets on epoll. */
package org.keepaliveagent.nettyepoll;
