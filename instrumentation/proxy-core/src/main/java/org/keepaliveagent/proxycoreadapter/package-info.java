/** The adapter of proxy-core, the reference reverse proxy. */
package org.keepaliveagent.proxycoreadapter;
