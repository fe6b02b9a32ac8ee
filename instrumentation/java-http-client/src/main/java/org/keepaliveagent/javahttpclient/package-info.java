/** The adapter of the JDK's {@code java.net.http} client. */
package org.keepaliveagent.javahttpclient;
