package org.keepaliveagent.ittests.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Medians of measured figures, and figures as they are shown. */
final class Figures {
  private Figures() {}

  static <T> double median(List<T> of, ToDoubleFunction<T> figure) {
    double[] sorted = of.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Half of the distance between the quartiles, as a measure of how far the figures scatter. */
  static <T> double scatter(List<T> of, ToDoubleFunction<T> figure) {
    double[] sorted = of.stream().mapToDouble(figure).sorted().toArray();
    int quarter = sorted.length / 4;
    return (sorted[sorted.length - 1 - quarter] - sorted[quarter]) / 2;
  }

  static double tenths(double figure) {
    return rounded(figure, 10);
  }

  static double hundredths(double figure) {
    return rounded(figure, 100);
  }

  static double thousandths(double figure) {
    return rounded(figure, 1000);
  }

  private static double rounded(double figure, int parts) {
    return (double) Math.round(figure * parts) / parts;
  }
}
