/** What the black-box smoke runs on every Java. */
package org.keepaliveagent.smoke;
