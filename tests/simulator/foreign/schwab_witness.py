"""schwab-py, as its authors published it, through a day at the simulated Schwab."""
import json
import sys
import urllib.parse
from datetime import datetime, timedelta, timezone

import httpx
from schwab import auth
from schwab.orders.equities import equity_buy_limit, equity_sell_market
from schwab.orders.options import OptionSymbol, option_buy_to_open_limit
from schwab.utils import Utils

settings = json.loads(sys.argv[1])
SIMULATOR, REAL = settings["url"], "https://api.schwabapi.com"
KEY, SECRET, CALLBACK = settings["clientId"], settings["clientSecret"], settings["redirectUri"]
now = datetime.fromisoformat(settings["now"])

saved = {}


def write_token(token, *_args, **_kwargs):
    saved["token"] = token


def read_token():
    return saved["token"]


def to_simulator(request):
    if str(request.url).startswith(REAL):
        request.url = httpx.URL(SIMULATOR + request.url.raw_path.decode())
        request.headers["Host"] = request.url.netloc.decode()


def signed_in():
    auth.TOKEN_ENDPOINT = SIMULATOR + "/v1/oauth/token"
    context = auth.get_auth_context(KEY, CALLBACK)
    address = context.authorization_url.replace(REAL, SIMULATOR)
    answer = httpx.post(address, data={"username": "anna", "password": "secret", "decision": "allow"})
    auth.client_from_received_url(KEY, SECRET, context, answer.headers["location"], write_token)
    client = auth.client_from_access_functions(KEY, SECRET, read_token, write_token)
    client.session.event_hooks = {"request": [to_simulator]}
    return client


client = signed_in()
account_hash = client.get_account_numbers().json()[0]["hashValue"]
orders = Utils(client, account_hash)

quotes = client.get_quotes(["AAPL", "ZZZZZ"]).json()
quote = client.get_quote("AAPL").json()
account = client.get_account(account_hash, fields=client.Account.Fields.POSITIONS).json()
hours = client.get_market_hours([client.MarketHours.Market.EQUITY], date=now.date()).json()

placed = client.place_order(account_hash, equity_buy_limit("AAPL", 5, "200.00").build())
order_id = orders.extract_order_id(placed)
read = client.get_order(order_id, account_hash).json()
listed = client.get_orders_for_account(
    account_hash, from_entered_datetime=now - timedelta(hours=1), to_entered_datetime=now + timedelta(hours=1)
).json()

replaced = client.replace_order(account_hash, order_id, equity_buy_limit("AAPL", 5, "201.00").build())
new_id = orders.extract_order_id(replaced)
cancelled = client.cancel_order(new_id, account_hash)
bought = client.place_order(account_hash, equity_buy_limit("AAPL", 5, "212.40").build())
filled = client.get_order(orders.extract_order_id(bought), account_hash).json()
sold = client.place_order(account_hash, equity_sell_market("AAPL", 5).build())
option = OptionSymbol("AAPL", datetime(2026, 6, 18), "C", "210").build()
contract = client.place_order(account_hash, option_buy_to_open_limit(option, 1, "6.45").build())
preview = client.preview_order(account_hash, equity_buy_limit("AAPL", 5, "200.00"))

before = client.session.token["access_token"]
client.session.token["expires_at"] = 1  # the client refreshes by itself before the next call
preferences = client.get_user_preferences()

print(json.dumps({
    "sign in": [preferences.status_code, client.session.token["access_token"] != before],
    "account": account["securitiesAccount"]["currentBalances"]["cashBalance"],
    "quotes": {
        "bid": quotes["AAPL"]["quote"]["bidPrice"],
        "invalid": quotes["errors"]["invalidSymbols"],
        "last": quote["AAPL"]["quote"]["lastPrice"],
        "isOpen": next(iter(hours["equity"].values()))["isOpen"],
    },
    "place": {
        "sold": client.get_order(orders.extract_order_id(sold), account_hash).json()["status"],
        "option": client.get_order(orders.extract_order_id(contract), account_hash).json()["orderLegCollection"][0]["instrument"]["symbol"],
        "preview": preview.json()["orderStrategy"]["status"],
    },
    "read": [
        [read["orderId"] == order_id, read["price"], read["status"]],
        [filled["status"], filled["orderActivityCollection"][0]["executionLegs"][0]["price"]],
    ],
    "replace": [replaced.status_code, client.get_order(order_id, account_hash).json()["status"]],
    "cancel": [cancelled.status_code, client.get_order(new_id, account_hash).json()["status"]],
    "list": len(listed),
    "positions": [position["instrument"]["symbol"] for position in account["securitiesAccount"]["positions"]],
}))
