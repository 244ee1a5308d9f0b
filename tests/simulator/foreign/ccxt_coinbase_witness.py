"""ccxt, as its authors published it, through a day at the simulated Coinbase. Its address is Coinbase's, reached through the machine's proxy."""
import json
import sys

import ccxt

settings = json.loads(sys.argv[1])


def client(name, key):
    return ccxt.coinbase({
        "apiKey": settings[name], "secret": key, "requests_trust_env": True, "enableRateLimit": False,
    })


def refused(call):
    try:
        call()
        return "taken"
    except ccxt.BaseError as error:
        return type(error).__name__


coinbase = client("keyName", settings["privateKey"])
edwards = client("ed25519KeyName", settings["ed25519PrivateKey"])
markets = coinbase.load_markets()
balance = coinbase.fetch_balance()
wallets = coinbase.fetch_balance({"v3": True})
ticker = coinbase.fetch_ticker("BTC/USD")
book = coinbase.fetch_order_book("BTC/USD")
seconds = settings["now"] // 1000
candles = coinbase.fetch_ohlcv("BTC/USD", "5m", (seconds - 3600) * 1000, 12)

resting = coinbase.create_order("BTC/USD", "limit", "buy", 0.01, 60000)
read = coinbase.fetch_order(resting["id"])
edited = coinbase.edit_order(resting["id"], "BTC/USD", "limit", "buy", 0.02, 61000)
changed = coinbase.fetch_order(resting["id"])
listed = coinbase.fetch_open_orders("BTC/USD")
coinbase.cancel_order(resting["id"])
cancelled = coinbase.fetch_order(resting["id"])
bought = coinbase.create_order("BTC/USD", "market", "buy", 0.01, 68010)
holding = coinbase.fetch_balance()["BTC"]
stop = coinbase.create_order("BTC/USD", "limit", "sell", 0.005, 63700, {"stopLossPrice": 65000})
too_much = refused(lambda: coinbase.create_order("BTC/USD", "limit", "sell", 5, 70000))
stops = coinbase.fetch_open_orders("BTC/USD")
trades = coinbase.fetch_my_trades("BTC/USD")
orders = coinbase.fetch_orders("BTC/USD")

print(json.dumps({
    "sign in": ["BTC/USD" in markets, "USD" in edwards.fetch_balance(), refused(client("keyName", settings["otherKey"]).fetch_accounts)],
    "account": [balance["USD"]["total"], wallets["USD"]["free"]],
    "quotes": [ticker["bid"], ticker["ask"], ticker["last"], book["bids"][0][0], len(candles)],
    "place": [resting["id"] == read["id"], too_much],
    "read": [read["status"], read["price"], coinbase.fetch_order(bought["id"])["average"]],
    "replace": [changed["amount"], changed["price"]],
    "cancel": cancelled["status"],
    "list": [
        [order["id"] == resting["id"] for order in listed],
        [[order["type"], order["stopPrice"]] for order in stops if order["id"] == stop["id"]],
        len(orders),
        [[trade["order"] == bought["id"], trade["price"], trade["amount"]] for trade in trades],
    ],
    "positions": [holding["free"], holding["total"]],
}))
