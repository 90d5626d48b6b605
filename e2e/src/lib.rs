//! The real processes together: journeys, faults, restarts.
