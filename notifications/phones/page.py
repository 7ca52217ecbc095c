"""One page for people: what went through the air lately."""

from html import escape
from itertools import islice

from notifications.phones.ledger import summary
from notifications.phones.network import Network
from notifications.phones.store import INBOUND, Message

SHOWN = 200
HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="3">
<meta name="viewport" content="width=device-width"><title>Phone network</title><style>
:root{color-scheme:light dark}body{font:15px/1.5 "IBM Plex Sans","IBM Plex Sans Arabic",system-ui,sans-serif;
margin:2rem auto;max-width:72rem;padding:0 1rem}table{border-collapse:collapse;width:100%}
td,th{padding:.35rem .6rem;border-bottom:1px solid #8884;text-align:start;vertical-align:top}
td.n{font-variant-numeric:tabular-nums;white-space:nowrap}tr.in td.t{font-weight:600}.q{opacity:.7}
</style><h1>Phone network</h1>"""


def traffic_page(network: Network) -> str:
    counts = summary(network, None)
    facts = (
        f"{counts['outbound']} to handsets, {counts['inbound']} from handsets, {counts['waiting']} under way"
    )
    newest = islice(reversed(network.store.messages), SHOWN)
    rows = "".join(_row(message) for message in newest)
    head = "<tr><th>Time (UTC)<th>Handset<th>Text<th>Status</tr>"
    return f'{HEAD}<p class="q">{escape(facts)}</p><table>{head}{rows}</table></html>'


def _row(message: Message) -> str:
    inbound = message.direction == INBOUND
    handset = message.sender if inbound else message.to
    status = message.status + (f" {message.error_code}" if message.error_code else "")
    return (
        f'<tr class="{"in" if inbound else "out"}"><td class="n">{message.created:%H:%M:%S}'
        f'<td class="n"><bdi dir="ltr">{escape(handset or "")}</bdi>'
        f'<td class="t" dir="auto">{escape(message.body)}'
        f'<td class="n q">{escape(status)}</tr>'
    )
