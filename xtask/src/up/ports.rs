//! Where the processes listen, and whether they can.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::str::FromStr;

use anyhow::{bail, ensure};

/// The ports of one process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Where its clients come.
    pub listen: u16,
    /// Where its operators come.
    pub admin: u16,
}

/// The ports of the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Ports {
    /// bff-web.
    pub web: Pair,
    /// bff-mobile.
    pub mobile: Pair,
    /// bff-desktop.
    pub desktop: Pair,
    /// core-service.
    pub core: Pair,
}

/// An address of this machine that only this machine reaches.
pub fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

impl FromStr for Ports {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let numbers: Vec<u16> = text
            .split(',')
            .map(|word| word.trim().parse())
            .collect::<Result<_, _>>()?;
        let beside = |listen: u16, distance: u16| match listen.checked_add(distance) {
            Some(admin) if listen > 0 => Ok(Pair { listen, admin }),
            _ => bail!("port {listen} leaves no room for its admin port"),
        };
        let ports = match numbers[..] {
            // All in a row: the four that serve, then their admin ports in the same order.
            [base] => {
                ensure!(
                    (1..=u16::MAX - 7).contains(&base),
                    "eight ports have to follow from {base}"
                );
                let pair = |at: u16| Pair {
                    listen: base + at,
                    admin: base + at + 4,
                };
                Self {
                    web: pair(0),
                    mobile: pair(1),
                    desktop: pair(2),
                    core: pair(3),
                }
            }
            [web, mobile, desktop] => Self::from_numbers(beside, web, mobile, desktop, 50051)?,
            [web, mobile, desktop, core] => Self::from_numbers(beside, web, mobile, desktop, core)?,
            _ => bail!("one, three or four numbers, not {}", numbers.len()),
        };
        let mut all: Vec<u16> = ports
            .named()
            .iter()
            .flat_map(|(_, pair)| [pair.listen, pair.admin])
            .collect();
        all.sort_unstable();
        if let Some(twice) = all.windows(2).find(|two| two[0] == two[1]) {
            bail!(
                "port {} would be used twice (admin ports are 1000 higher, the core's 1)",
                twice[0]
            );
        }
        Ok(ports)
    }
}

impl Ports {
    fn from_numbers(
        beside: impl Fn(u16, u16) -> anyhow::Result<Pair>,
        web: u16,
        mobile: u16,
        desktop: u16,
        core: u16,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            web: beside(web, 1000)?,
            mobile: beside(mobile, 1000)?,
            desktop: beside(desktop, 1000)?,
            core: beside(core, 1)?,
        })
    }

    fn named(&self) -> [(&'static str, Pair); 4] {
        [
            ("bff-web", self.web),
            ("bff-mobile", self.mobile),
            ("bff-desktop", self.desktop),
            ("core-service", self.core),
        ]
    }

    /// Fails where somebody already listens on one of them, and says what to do.
    pub fn require_free(&self) -> anyhow::Result<()> {
        let mut problems = Vec::new();
        for (process, pair) in self.named() {
            for (port, what) in [
                (pair.listen, process.to_owned()),
                (pair.admin, format!("{process}, admin")),
            ] {
                if let Err(error) = TcpListener::bind(loopback(port)) {
                    problems.push(format!("port {port} ({what}): {error}"));
                }
            }
        }
        ensure!(
            problems.is_empty(),
            "{}\nchoose others with --ports: `--ports 18081,18082,18083` (a fourth number for the core), or \
             `--ports 18080` for eight in a row",
            problems.join("\n")
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_numbers_leave_the_core_where_it_is() {
        let ports: Ports = "1, 2,3".parse().unwrap();
        assert_eq!(
            ports.mobile,
            Pair {
                listen: 2,
                admin: 1002
            }
        );
        assert_eq!(
            ports.core,
            Pair {
                listen: 50051,
                admin: 50052
            }
        );
    }

    #[test]
    fn one_number_is_the_first_of_eight() {
        let ports: Ports = "9000".parse().unwrap();
        assert_eq!(
            ports.web,
            Pair {
                listen: 9000,
                admin: 9004
            }
        );
        assert_eq!(
            ports.core,
            Pair {
                listen: 9003,
                admin: 9007
            }
        );
    }

    #[test]
    fn refuses_what_cannot_be() {
        for text in [
            "",
            "1,2",
            "web",
            "65530",
            "0",
            "65000,1,2",
            "8081,8081,8083",
            "8081,9081,8083",
        ] {
            assert!(text.parse::<Ports>().is_err(), "{text} should be refused");
        }
    }

    #[test]
    fn names_a_busy_port_its_process_and_the_flag() {
        let busy = TcpListener::bind(loopback(0)).unwrap();
        let port = busy.local_addr().unwrap().port();
        let ports = Ports {
            mobile: Pair {
                listen: port,
                admin: port,
            },
            ..free()
        };
        let text = ports.require_free().unwrap_err().to_string();
        assert!(text.contains(&format!("port {port} (bff-mobile)")), "{text}");
        assert!(text.contains("--ports"), "{text}");
    }

    fn free() -> Ports {
        let pair = || {
            let listeners = [0; 2].map(|any| TcpListener::bind(loopback(any)).unwrap());
            let [listen, admin] = listeners.map(|listener| listener.local_addr().unwrap().port());
            Pair { listen, admin }
        };
        Ports {
            web: pair(),
            mobile: pair(),
            desktop: pair(),
            core: pair(),
        }
    }
}
