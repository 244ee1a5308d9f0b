"""schwabdev, as its author published it, through a day at the simulated Schwab. Its address is Schwab's, reached through the machine's proxy."""
import json
import sys
from datetime import datetime, timedelta

import requests
import schwabdev

settings = json.loads(sys.argv[1])
now = datetime.fromisoformat(settings["now"])


def sign_in(address):
    """What a person does in the browser; the answer is where the browser ends up."""
    form = {"username": settings["username"], "password": settings["password"], "decision": "allow"}
    return requests.post(address, data=form, allow_redirects=False).headers["location"]


client = schwabdev.Client(
    settings["clientId"], settings["clientSecret"], settings["redirectUri"],
    tokens_db=settings["folder"] + "/tokens.db", call_on_auth=sign_in, open_browser_for_auth=False,
)


def order(quantity, price, symbol="AAPL", instruction="BUY", **more):
    """As on the page Orders of its documentation."""
    leg = {"instruction": instruction, "quantity": quantity, "instrument": {"symbol": symbol, "assetType": "EQUITY"}}
    form = {"orderType": "LIMIT", "session": "NORMAL", "duration": "DAY", "orderStrategyType": "SINGLE"}
    return {**form, **({"price": price} if price else {}), "orderLegCollection": [leg], **more}


def id_of(answer):
    return answer.headers.get("location", "/").split("/")[-1]


linked = client.linked_accounts().json()
account = linked[0]["hashValue"]
details = client.account_details(account, fields="positions").json()["securitiesAccount"]
everyone = client.account_details_all().json()
quotes = client.quotes(["AAPL", "ZZZZZ"]).json()
quote = client.quote("AAPL").json()
history = client.price_history("AAPL", "day", 1, "minute", 5, startDate=now - timedelta(hours=1), endDate=now).json()
hours = client.market_hour("equity", now).json()

placed = client.place_order(account, order(5, "200.00"))
read = client.order_details(account, id_of(placed)).json()
preview = client.preview_order(account, order(5, "200.00")).json()
span = {"fromEnteredTime": now - timedelta(hours=1), "toEnteredTime": now + timedelta(hours=1)}
listed = client.account_orders(account, **span).json()
all_accounts = client.account_orders_all(**span, maxResults=3000).json()
replaced = client.replace_order(account, id_of(placed), order(5, "201.00"))
cancelled = client.cancel_order(account, id_of(replaced))
again = client.cancel_order(account, id_of(replaced))
bought = client.place_order(account, order(5, "212.40"))
stop = client.place_order(account, order(5, None, instruction="SELL", orderType="STOP", stopPrice="198.40", duration="GOOD_TILL_CANCEL"))
refused = client.place_order(account, order(5, "200.00", symbol="ZZZZZ"))
held = client.account_details(account, fields="positions").json()["securitiesAccount"]["positions"]
trades = client.transactions(account, now - timedelta(days=1), now + timedelta(days=1), "TRADE")
before = client.tokens.access_token
refreshed = client.update_tokens(force_access_token=True)

one_trade = client.transaction_details(account, trades.json()[0]["activityId"]).json()

print(json.dumps({
    "sign in": [len(linked), refreshed, client.tokens.access_token != before, client.preferences().status_code],
    "account": [details["currentBalances"]["cashBalance"], len(everyone)],
    "quotes": [
        quotes["AAPL"]["quote"]["bidPrice"], quotes["errors"]["invalidSymbols"], quote["AAPL"]["quote"]["lastPrice"],
        len(history["candles"]) > 0, next(iter(hours["equity"].values()))["isOpen"],
    ],
    "place": [placed.status_code, preview["orderStrategy"]["status"], refused.status_code],
    "read": [one_trade["orderId"] == int(id_of(bought)) and read["orderId"] == int(id_of(placed)), read["price"], client.order_details(account, id_of(bought)).json()["status"]],
    "replace": [replaced.status_code, client.order_details(account, id_of(placed)).json()["status"]],
    "cancel": [cancelled.status_code, client.order_details(account, id_of(replaced)).json()["status"], again.status_code],
    "list": [
        id_of(placed) in [str(found["orderId"]) for found in listed],
        id_of(placed) in [str(found["orderId"]) for found in all_accounts],
        client.order_details(account, id_of(stop)).json()["stopPrice"],
        [trades.status_code, [
            [found["type"], found["netAmount"], item["instrument"]["symbol"], item["amount"], item["price"]]
            for found in trades.json() for item in found["transferItems"] if "feeType" not in item
        ]],
    ],
    "positions": [[held_one["instrument"].get("symbol"), held_one["longQuantity"]] for held_one in held],
}))
