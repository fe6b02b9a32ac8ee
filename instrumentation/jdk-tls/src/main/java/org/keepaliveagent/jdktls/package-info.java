/** The adapter of the JDK's TLS sessions. */
package org.keepaliveagent.jdktls;
