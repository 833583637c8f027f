package dev.platter.testkit;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Finding;
import dev.platter.image.Image;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Finds overlaps and ranges outside the file from an image's claims, and adds the image's own
/// findings. A second, simple opinion beside the engine's check.
///
/// Whole units that nothing claims are another question: where room was given back they are free
/// space, and only the format knows. A new image has none.
public final class ClaimSweep {
  private static final Claim START = new Claim("the start", 0, 0);

  private ClaimSweep() {}

  /// Everything that is wrong with an image; nothing if it has no claims.
  public static List<Finding> check(Image image) throws IOException {
    var findings = new ArrayList<Finding>();
    if (image instanceof Claiming claiming) {
      claiming.findings(findings::add);
      findings.addAll(sweep(claiming));
    }
    return findings;
  }

  /// What the claims alone show.
  public static List<Finding> sweep(Claiming image) throws IOException {
    long size = image.storages().getFirst().size();
    long end = up(size, image.claimBase(), image.claimUnit());
    var findings = new ArrayList<Finding>();
    Claim last = START;
    for (Claim claim : sorted(image)) {
      if (claim.length() < 1 || claim.position() < 0 || claim.end() > end) {
        findings.add(Finding.corruption(claim + " is outside the file, which ends at " + size, ""));
      }
      if (claim.position() < last.end()) {
        findings.add(Finding.corruption(claim + " overlaps " + last, ""));
      }
      last = claim.end() > last.end() ? claim : last;
    }
    return findings;
  }

  /// Whole units of the file that nothing claims.
  public static List<Finding> unclaimed(Claiming image) throws IOException {
    long size = image.storages().getFirst().size();
    var findings = new ArrayList<Finding>();
    Claim last = START;
    var claims = sorted(image);
    claims.add(new Claim("the end", size, 0));
    for (Claim claim : claims) {
      long free = claim.position() - up(last.end(), image.claimBase(), image.claimUnit());
      if (free >= image.claimUnit()) {
        findings.add(Finding.leak("nothing between " + last + " and " + claim));
      }
      last = claim.end() > last.end() ? claim : last;
    }
    return findings;
  }

  private static List<Claim> sorted(Claiming image) throws IOException {
    var claims = new ArrayList<Claim>();
    image.claims(claims::add);
    claims.sort(Comparator.comparingLong(Claim::position).thenComparingLong(Claim::length));
    return claims;
  }

  private static long up(long position, long base, int unit) {
    return position <= base ? position : base + (position - base + unit - 1) / unit * unit;
  }
}
