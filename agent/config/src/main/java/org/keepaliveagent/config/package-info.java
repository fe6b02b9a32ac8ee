/**
 * Options and policy files to the policy model. Everything is judged here, so that a rule never
 * meets a value it must doubt, and every complaint says where.
 */
package org.keepaliveagent.config;
