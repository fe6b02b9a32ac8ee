/** The adapter of Reactor Netty's HTTP client. */
package org.keepaliveagent.reactornetty;
