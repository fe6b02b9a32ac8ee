/** The adapter of Netty's HTTP/1.1 client codec. */
package org.keepaliveagent.nettyhttp;
