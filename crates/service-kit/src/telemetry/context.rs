//! Lines of the log that say at their end what they are about. A span would say the same, but costs something for each
//! request, also where nothing is logged, which is nearly always.

use std::fmt::{self, Write as _};

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

/// Tells, by name, what a line that is written now is about.
pub type Context = fn(tell: &mut dyn FnMut(&'static str, &str));

/// Another format, with the context at the end of each line.
pub(super) struct InContext<F> {
    format: F,
    context: Context,
    /// Writes a field after a line without its end.
    append: fn(line: &mut String, name: &str, value: &str),
    end: &'static str,
}

impl<F> InContext<F> {
    /// Of lines that people read.
    pub(super) fn text(format: F, context: Context) -> Self {
        Self {
            format,
            context,
            append: |line, name, value| {
                let _ = write!(line, " {name}={value:?}");
            },
            end: "\n",
        }
    }

    /// Of lines that are JSON objects.
    pub(super) fn json(format: F, context: Context) -> Self {
        Self {
            format,
            context,
            append: |line, name, value| {
                let _ = write!(line, ",\"{name}\":{}", serde_json::Value::from(value));
            },
            end: "}\n",
        }
    }
}

impl<F, S, N> FormatEvent<S, N> for InContext<F>
where
    F: FormatEvent<S, N>,
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        spans: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.format.format_event(spans, Writer::new(&mut line), event)?;
        line.truncate(line.len() - self.end.len());
        (self.context)(&mut |name, value| (self.append)(&mut line, name, value));
        line.push_str(self.end);
        writer.write_str(&line)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    /// Paper that is written on.
    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("nobody panics").write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Paper {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    impl Paper {
        fn text(&self) -> String {
            let bytes = self.0.lock().expect("nobody panics").clone();
            String::from_utf8(bytes).expect("UTF-8")
        }
    }

    const CONTEXT: Context = |tell| {
        tell("route", "/v1/home");
        tell("request_id", "a\"b");
    };

    #[test]
    fn a_line_of_text_ends_with_what_it_is_about() {
        let paper = Paper::default();
        let lines = tracing_subscriber::fmt().with_writer(paper.clone());
        let lines = lines.map_event_format(|format| InContext::text(format.with_ansi(false), CONTEXT));
        tracing::subscriber::with_default(lines.finish(), || tracing::warn!(section = "tags", "left out"));
        let text = paper.text();
        assert!(
            text.ends_with("left out section=\"tags\" route=\"/v1/home\" request_id=\"a\\\"b\"\n"),
            "{text}"
        );
    }

    #[test]
    fn a_line_of_json_has_what_it_is_about() {
        let paper = Paper::default();
        let lines = tracing_subscriber::fmt().with_writer(paper.clone()).json();
        let lines = lines.flatten_event(true);
        let lines = lines.map_event_format(|format| InContext::json(format, CONTEXT));
        tracing::subscriber::with_default(lines.finish(), || tracing::warn!(section = "tags", "left out"));
        let line: serde_json::Value = serde_json::from_str(&paper.text()).expect("JSON");
        let told = ["message", "section", "route", "request_id"].map(|name| line[name].as_str());
        assert_eq!(
            told,
            [Some("left out"), Some("tags"), Some("/v1/home"), Some("a\"b")]
        );
    }
}
