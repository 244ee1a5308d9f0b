"""alpaca-py, as its authors published it, through a day at the simulated Alpaca."""
import json
import sys
import threading
import time
from datetime import date, datetime, timedelta

from alpaca.common.exceptions import APIError
from alpaca.data.historical import CryptoHistoricalDataClient, StockHistoricalDataClient
from alpaca.data.requests import CryptoLatestQuoteRequest, StockBarsRequest, StockLatestQuoteRequest, StockSnapshotRequest
from alpaca.data.timeframe import TimeFrame
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderClass, OrderSide, QueryOrderStatus, TimeInForce
from alpaca.trading.requests import (
    GetCalendarRequest,
    GetOrdersRequest,
    LimitOrderRequest,
    MarketOrderRequest,
    ReplaceOrderRequest,
    StopLossRequest,
    StopOrderRequest,
    TakeProfitRequest,
)
from alpaca.trading.stream import TradingStream

settings = json.loads(sys.argv[1])
SIMULATOR, KEY, SECRET = settings["url"], settings["keyId"], settings["secretKey"]
now = datetime.fromisoformat(settings["now"])
trading = TradingClient(KEY, SECRET, url_override=SIMULATOR)
stocks = StockHistoricalDataClient(KEY, SECRET, url_override=SIMULATOR)
coins = CryptoHistoricalDataClient(KEY, SECRET, url_override=SIMULATOR)

stream = TradingStream(KEY, SECRET, url_override=SIMULATOR.replace("http://", "ws://") + "/stream")
updates = []


async def on_update(update):
    # not of what a person does beside
    if update.order.symbol in ("AAPL", "MSFT"):
        updates.append(update.event)


stream.subscribe_trade_updates(on_update)
threading.Thread(target=stream.run, daemon=True).start()
while not stream._running:
    time.sleep(0.05)

account = trading.get_account()
clock = trading.get_clock()
calendar = trading.get_calendar(GetCalendarRequest(start=date(2026, 3, 2), end=date(2026, 3, 8)))
asset = trading.get_asset("AAPL")
quote = stocks.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols=["AAPL", "ZZZZZ"]))
snapshot = stocks.get_stock_snapshot(StockSnapshotRequest(symbol_or_symbols="AAPL"))["AAPL"]
bars = stocks.get_stock_bars(
    StockBarsRequest(symbol_or_symbols="AAPL", timeframe=TimeFrame.Minute, start=now - timedelta(minutes=5), end=now)
)
coin = coins.get_crypto_latest_quote(CryptoLatestQuoteRequest(symbol_or_symbols="BTC/USD"))["BTC/USD"]

resting = trading.submit_order(LimitOrderRequest(
    symbol="AAPL", qty=5, side=OrderSide.BUY, time_in_force=TimeInForce.DAY, limit_price=200.0, client_order_id="arb-1"
))
try:
    trading.submit_order(LimitOrderRequest(
        symbol="AAPL", qty=5, side=OrderSide.BUY, time_in_force=TimeInForce.DAY, limit_price=200.0, client_order_id="arb-1"
    ))
    repeated = "taken"
except APIError as error:
    repeated = [error.status_code, error.code, error.message]
found = trading.get_order_by_client_id("arb-1")
replaced = trading.replace_order_by_id(resting.id, ReplaceOrderRequest(limit_price=201.0, client_order_id="arb-2"))
trading.cancel_order_by_id(replaced.id)
cancelled = trading.get_order_by_id(replaced.id)

bought = trading.submit_order(MarketOrderRequest(symbol="AAPL", qty=5, side=OrderSide.BUY, time_in_force=TimeInForce.DAY))
stop = trading.submit_order(StopOrderRequest(
    symbol="AAPL", qty=5, side=OrderSide.SELL, time_in_force=TimeInForce.GTC, stop_price=198.4
))
position = trading.get_open_position("AAPL")
bracket = trading.submit_order(MarketOrderRequest(
    symbol="MSFT", qty=2, side=OrderSide.BUY, time_in_force=TimeInForce.GTC, order_class=OrderClass.BRACKET,
    take_profit=TakeProfitRequest(limit_price=450.0), stop_loss=StopLossRequest(stop_price=380.0),
))
listed = trading.get_orders(GetOrdersRequest(status=QueryOrderStatus.ALL, nested=True))
everything_cancelled = trading.cancel_orders()
for _ in range(100):
    if len(updates) >= settings["updates"]:
        break
    time.sleep(0.05)

print(json.dumps({
    "sign in": account.status.value,
    "account": account.buying_power,
    "quotes": {
        "latest": {symbol: [found_quote.bid_price, found_quote.ask_price] for symbol, found_quote in quote.items()},
        "snapshot": snapshot.latest_trade.price,
        "bars": len(bars["AAPL"]),
        "coin": coin.bid_price,
        "asset": [asset.symbol, asset.tradable],
        "open": [clock.is_open, len(calendar)],
    },
    "place": {
        "repeated": repeated,
        "stop": [stop.type.value, stop.stop_price],
        "bracket": [leg.type.value for leg in bracket.legs],
    },
    "read": [found.id == resting.id, found.status.value, found.limit_price, trading.get_order_by_id(bought.id).filled_avg_price],
    "replace": replaced.replaces == str(resting.id) or replaced.replaces == resting.id,
    "cancel": [cancelled.status.value, [answer.status for answer in everything_cancelled]],
    "list": len(listed),
    "positions": [position.qty, position.qty_available],
    "stream": updates,
}))
