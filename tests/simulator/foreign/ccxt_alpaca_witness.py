"""ccxt, as its authors published it, through a day at the simulated Alpaca. Its addresses are the sandbox's, reached through the machine's proxy."""
import json
import sys

import ccxt

settings = json.loads(sys.argv[1])


def client(secret):
    exchange = ccxt.alpaca({"apiKey": settings["keyId"], "secret": secret, "requests_trust_env": True, "enableRateLimit": False})
    exchange.set_sandbox_mode(True)
    return exchange


def refused(call):
    try:
        call()
        return "taken"
    except ccxt.BaseError as error:
        return type(error).__name__


alpaca = client(settings["secretKey"])
markets = alpaca.load_markets()
ticker = alpaca.fetch_ticker("BTC/USD")
tickers = alpaca.fetch_tickers(["BTC/USD", "ETH/USD"])
candles = alpaca.fetch_ohlcv("BTC/USD", "1m", alpaca.fetch_time() - 5 * 60_000)
balance = alpaca.fetch_balance()

resting = alpaca.create_order("BTC/USD", "limit", "buy", 0.01, 60000, {"clientOrderId": "ccxt-1"})
repeated = refused(lambda: alpaca.create_order("BTC/USD", "limit", "buy", 0.01, 60000, {"clientOrderId": "ccxt-1"}))
read = alpaca.fetch_order(resting["id"])
edited = alpaca.edit_order(resting["id"], "BTC/USD", "limit", "buy", 0.02, 61000)
listed = alpaca.fetch_open_orders("BTC/USD")
alpaca.cancel_order(edited["id"])
cancelled = alpaca.fetch_order(edited["id"])
twice = refused(lambda: alpaca.cancel_order(edited["id"]))

bought = alpaca.create_order("BTC/USD", "market", "buy", 0.01)
holding = alpaca.fetch_balance()["BTC"]
stop = alpaca.create_order("BTC/USD", "limit", "sell", 0.005, 63700, {"triggerPrice": 65000})
too_much = refused(lambda: alpaca.create_order("BTC/USD", "limit", "sell", 5, 70000))
stops = alpaca.fetch_open_orders()
trades = alpaca.fetch_my_trades("BTC/USD")
closed = alpaca.fetch_closed_orders("BTC/USD")
alpaca.cancel_all_orders()

print(json.dumps({
    "sign in": ["BTC/USD" in markets, refused(client("wrong").fetch_balance)],
    "account": [balance["USD"]["free"], balance["USD"]["total"]],
    "quotes": [ticker["bid"], ticker["ask"], ticker["last"], sorted(tickers), len(candles)],
    "place": [resting["status"], resting["price"], repeated, too_much],
    "read": [read["id"] == resting["id"], read["clientOrderId"], alpaca.fetch_order(bought["id"])["average"]],
    "replace": [edited["amount"], edited["price"], alpaca.fetch_order(resting["id"])["status"]],
    "cancel": [cancelled["status"], twice, [order["symbol"] for order in alpaca.fetch_open_orders("BTC/USD")]],
    "list": [
        [order["id"] == edited["id"] for order in listed],
        [[order["type"], order["triggerPrice"]] for order in stops if order["id"] == stop["id"]],
        sorted(order["status"] for order in closed if order["symbol"] == "BTC/USD"),
        [[trade["order"] == bought["id"], trade["price"], trade["amount"]] for trade in trades],
    ],
    "positions": [holding["free"], holding["total"]],
}))
