/** The adapter of the Jetty client 9.4 to 11. */
package org.keepaliveagent.jettyclient;
