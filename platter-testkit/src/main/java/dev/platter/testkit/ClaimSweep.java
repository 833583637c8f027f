package dev.platter.testkit;

import dev.platter.image.Claim;
import dev.platter.image.Claiming;
import dev.platter.image.Finding;
import dev.platter.image.Image;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Finds overlaps, leaks and ranges outside the file from an image's claims, and adds the image's
/// own findings. A second, simple opinion beside the engine's check.
public final class ClaimSweep {
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
    var claims = new ArrayList<Claim>();
    image.claims(claims::add);
    claims.sort(Comparator.comparingLong(Claim::position).thenComparing(Claim::length));
    long size = image.storages().getFirst().size();
    long base = image.claimBase();
    int unit = image.claimUnit();
    var findings = new ArrayList<Finding>();
    Claim last = new Claim("the start", 0, 0);
    for (Claim claim : claims) {
      if (claim.length() < 1 || claim.position() < 0 || claim.end() > up(size, base, unit)) {
        findings.add(
            Finding.corruption(claim + " is outside the file, which ends at " + size, ""));
      }
      if (claim.position() < last.end()) {
        findings.add(Finding.corruption(claim + " overlaps " + last, ""));
      } else if (claim.position() - up(last.end(), base, unit) >= unit) {
        findings.add(Finding.leak("nothing between " + last + " and " + claim));
      }
      last = claim.end() > last.end() ? claim : last;
    }
    if (size - up(last.end(), base, unit) >= unit) {
      findings.add(Finding.leak("nothing between " + last + " and the end at " + size));
    }
    return findings;
  }

  private static long up(long position, long base, int unit) {
    return position <= base ? position : base + (position - base + unit - 1) / unit * unit;
  }
}
