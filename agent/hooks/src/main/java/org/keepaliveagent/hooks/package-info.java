/**
 * The narrow waist: the static methods that advice calls from inside a library.
 *
 * <p>The agent jar carries these classes under the package {@code java.lang}, where every class
 * loader sees them; their names are chosen so that they cannot meet another class there. This
 * package uses the JDK only, and nothing newer than Java 8.
 */
package org.keepaliveagent.hooks;
