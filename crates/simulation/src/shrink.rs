//! From a failing play to a short one that fails too (delta debugging: Zeller and Hildebrandt, "Simplifying and Isolating
//! Failure-Inducing Input", 2002, without its complements).

/// The fewest of these steps that still fail, as far as so many tries find them. All of them fail.
pub fn shrink(mut steps: Vec<u64>, mut tries: usize, fails: impl Fn(&[u64]) -> bool) -> Vec<u64> {
    let mut size = steps.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < steps.len() {
            if tries == 0 {
                return steps;
            }
            tries -= 1;
            let end = steps.len().min(at + size);
            let without = [&steps[..at], &steps[end..]].concat();
            if fails(&without) {
                steps = without;
            } else {
                at = end;
            }
        }
        size /= 2;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_it_takes_is_left() {
        let all: Vec<u64> = (0..40).collect();
        let fails = |steps: &[u64]| steps.contains(&3) && steps.contains(&17);
        assert_eq!(shrink(all.clone(), 200, fails), [3, 17]);
        assert_eq!(shrink(all.clone(), 200, |_| true), Vec::<u64>::new());
        let tried = std::cell::Cell::new(0);
        let counted = |steps: &[u64]| {
            tried.set(tried.get() + 1);
            fails(steps)
        };
        let some = shrink(all, 5, counted);
        assert!(fails(&some) && tried.get() == 5);
    }
}
