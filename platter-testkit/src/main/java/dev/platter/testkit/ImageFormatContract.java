package dev.platter.testkit;

/// What every format owes the engine. A format's test implements [FormatSubject#variant] and
/// inherits every case.
public interface ImageFormatContract
    extends LiveContract, PlanContract, DescriptionContract, DescribingContract, ResizingContract {}
