/** The adapter of Undertow's ProxyHandler. */
package org.keepaliveagent.undertowproxy;
