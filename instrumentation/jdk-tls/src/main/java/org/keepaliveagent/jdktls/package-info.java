/** The adapter of the JDK's {@code HttpURLConnection}. */
package org.keepaliveagent.jdktls;
